import type { CheckpointImages } from "../../../criu/images/checkpoint-images.ts";
import { architectureOf } from "../../../resume/architectures/architectures.ts";
import type { Restorable } from "../restorable.ts";

const avx512 = ["avx512f", "avx512dq", "avx512cd", "avx512bw", "avx512vl"];

/**
 * The machine that podman's or the kubelet's checkpoint was taken on. Of its CPU the images tell only the state that they hold: that of
 * AVX-512 is there where the CPU has it. All else is taken to be as the target has it; CRIU itself refuses state that a CPU can't hold.
 */
export function assumedSource(images: CheckpointImages, targetFlags: readonly string[]): Restorable["source"] {
  const cores = images.pstree.flatMap(({ pid, threads }) =>
    images.ids(pid) === undefined ? [] : threads.map((id) => images.core(id)),
  );
  const first = cores[0];
  const hasAvx512 = cores.some(({ thread_info: info }) => (info?.fpregs?.xsave?.zmm_upper ?? []).length > 0);
  return {
    architecture: (first && architectureOf(first)?.name) ?? "",
    kernel: "",
    cpuFlags: [...new Set([...targetFlags, ...(hasAvx512 ? avx512 : [])])],
  };
}
