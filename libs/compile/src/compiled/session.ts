import * as ort from "onnxruntime-node";
import { explainedByLoader } from "./cuda.js";

export type OnnxProvider = "cpu" | "webgpu" | "cuda";

export interface SessionSettings {
  readonly provider: OnnxProvider;
  /** Threads inside one operator. */
  readonly threads: number;
}

/**
 * Loads a model. The same settings on the same machine give the same bits. On a GPU, operators without a kernel there would run
 * on the CPU: that is tried only when the model cannot be loaded without, and a warning of the process says so.
 */
export async function openSession(model: Uint8Array, settings: SessionSettings): Promise<ort.InferenceSession> {
  if (settings.provider === "cpu") return create(model, settings, {});
  try {
    return await create(model, settings, { disable_cpu_ep_fallback: "1" });
  } catch (error) {
    if (!(error instanceof Error && /fallback to CPU EP has been explicitly disabled/.test(error.message))) {
      throw settings.provider === "cuda" ? explainedByLoader(error) : error;
    }
    const session = await create(model, settings, {});
    process.emitWarning(
      `some operators of this program have no ${settings.provider} kernel and run on the CPU`,
      "StrideExecutorWarning",
    );
    return session;
  }
}

async function create(
  model: Uint8Array,
  { provider, threads }: SessionSettings,
  entries: Readonly<Record<string, string>>,
): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(model, {
    // Which device is the first one is the environment's to say: CUDA_VISIBLE_DEVICES.
    executionProviders: [provider === "cuda" ? { name: provider, deviceId: 0 } : provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    logSeverityLevel: 4,
    // Arithmetic on denormal numbers takes many times as long, and a converged training is full of them.
    extra: { session: { set_denormal_as_zero: "1", ...entries } },
  });
}
