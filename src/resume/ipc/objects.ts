import type { CheckpointImages } from "../../criu/images/checkpoint-images.ts";
import type { IpcObject, MessageQueue, SemaphoreSet, SharedMemoryObject } from "../../criu/images/ipc-objects.ts";
import type { Emission } from "../emission.ts";
import { emitCreate, emitOwner, inOrder, isReachable } from "./create.ts";
import { emitSharedMemoryObject } from "./shared-memory.ts";

const SETALL = 17;

/** Why objects of System V can't be carried, for people; empty when they can. */
export function ipcReasons({ ipcObjects }: CheckpointImages): string[] {
  return ipcObjects.flatMap((object) => {
    const name = `a System V ${object.kind} (key 0x${object.desc.key.toString(16)})`;
    if (!isReachable(object.desc.id)) return [`${name} with the id ${object.desc.id}, which a new container can't give`];
    if (object.kind !== "shared memory segment") return [];
    if (object.hugePages) return [`${name} of huge pages`];
    return object.inPagemap ? [] : [`${name} whose bytes are in the image as old CRIU had it`];
  });
}

/** Makes the objects of System V again, with their keys, ids and contents. Before the first fork. */
export function emitIpcObjects(emission: Emission): void {
  const objects = emission.images.ipcObjects;
  const ofKind = <Kind extends IpcObject["kind"]>(kind: Kind) =>
    objects.filter((object): object is Extract<IpcObject, { kind: Kind }> => object.kind === kind).toSorted(inOrder);
  for (const object of ofKind("shared memory segment")) emitSharedMemory(emission, object);
  for (const object of ofKind("semaphore set")) emitSemaphores(emission, object);
  for (const object of ofKind("message queue")) emitQueue(emission, object);
}

function emitSharedMemory(emission: Emission, object: SharedMemoryObject): void {
  emitCreate(emission, object.desc, { get: "shmget", parameter: [object.size], control: "shmctl" });
  emitSharedMemoryObject(emission, object);
  emitOwner(emission, object.desc, "shmctl");
}

function emitSemaphores(emission: Emission, { desc, values }: SemaphoreSet): void {
  const { program } = emission;
  emitCreate(emission, desc, { get: "semget", parameter: [values.length], control: "semctl" });
  const array = program.bytes(new Uint8Array(Uint16Array.from(values).buffer));
  program.call("semctl", [desc.id, 0, SETALL, array], { describe: `values of semaphore set ${desc.id}` });
  emitOwner(emission, desc, "semctl");
}

function emitQueue(emission: Emission, { desc, capacity, messages }: MessageQueue): void {
  const { program } = emission;
  emitCreate(emission, desc, { get: "msgget", parameter: [], control: "msgctl" });
  // struct msqid64_ds (include/uapi/asm-generic/msgbuf.h): three times, two counts, then msg_qbytes. More than the limit needs CAP_SYS_RESOURCE.
  const rest = new Uint8Array(48);
  new DataView(rest.buffer).setBigUint64(40, BigInt(capacity), true);
  emitOwner(emission, desc, "msgctl", rest);
  for (const { type, text } of messages) {
    const message = new Uint8Array(8 + text.length);
    new DataView(message.buffer).setBigUint64(0, type, true);
    message.set(text, 8);
    program.call("msgsnd", [desc.id, program.bytes(message), text.length, 0], { describe: `message in queue ${desc.id}` });
  }
}
