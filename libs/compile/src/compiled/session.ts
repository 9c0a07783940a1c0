import * as ort from "onnxruntime-node";

export type OnnxProvider = "cpu" | "webgpu";

export interface SessionSettings {
  readonly provider: OnnxProvider;
  readonly threads: number;
}

/** Loads a model. The same settings and the same machine give the same bits. */
export async function openSession(model: Uint8Array, settings: SessionSettings): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(model, {
    executionProviders: [settings.provider],
    intraOpNumThreads: settings.threads,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
    // Denormal numbers cost a hundred times a normal one's time, and only a converged training sees them.
    extra: { session: { set_denormal_as_zero: "1" } },
  });
}
