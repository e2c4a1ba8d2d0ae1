import { testRedisMove } from "../workloads/redis-move.ts";

testRedisMove("move-to-arm64", (machine) => machine.target);
