import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { LaboratoryServiceService } from "../src/gen/stride/v1/laboratory.js";
import { WorkerServiceService } from "../src/gen/stride/v1/worker.js";

const attempt = { cohortId: "cohort-1", token: 1 };

/** A request of each method that is as it should be, by the methods' names. */
const laboratory = {
  submit: { requestId: "r", source: "study: s\n", file: "s.yaml", modules: { "./a.mjs": "x" }, moduleCosts: {} },
  listStudies: {},
  getStudy: { study: "known" },
  setStudyState: { study: "known", state: 2 },
  retryFailed: { requestId: "r", study: "known" },
  listTrials: { study: "known" },
  listCurves: { study: "known", trials: { trialIds: ["trial-1"] } },
  listWinRates: LaboratoryServiceService.listWinRates.requestDeserialize(Buffer.from([10, 5, ...Buffer.from("known")])),
  listPolicies: { name: "learned" },
  getPolicy: { name: "learned", version: 0 },
  getAgentProgress: { study: "known" },
  diagnose: {},
  listWorkers: {},
} satisfies Record<keyof typeof LaboratoryServiceService, object>;

const worker = {
  startAttempt: { requestId: "r", cohortId: "cohort-1", workerId: "w", executor: "onnx-cpu" },
  report: {
    attempt,
    step: 2,
    chunks: [
      {
        trialId: "t",
        firstStep: 0,
        trainingLosses: [1, Number.POSITIVE_INFINITY],
        learningRates: [0.1, 0.1],
        seenLosses: [],
        lowestRates: [],
        highestRates: [],
        bounds: [],
      },
    ],
    evaluations: [{ trialId: "t", step: 2, loss: 0.5 }],
  },
  finishAttempt: { attempt, results: [] },
  abandonAttempt: { attempt, end: 1, message: "lost" },
  finishEpisodes: WorkerServiceService.finishEpisodes.requestDeserialize(Buffer.alloc(0)),
  listTrajectories: WorkerServiceService.listTrajectories.requestDeserialize(Buffer.alloc(0)),
  finishUpdate: WorkerServiceService.finishUpdate.requestDeserialize(Buffer.alloc(0)),
  announce: WorkerServiceService.announce.requestDeserialize(Buffer.alloc(0)),
} satisfies Record<keyof typeof WorkerServiceService, object>;

export interface EveryMethod {
  readonly path: string;
  readonly streaming: boolean;
  /** A good request, or at least one that decodes. */
  readonly request: Buffer;
}

interface Definition {
  readonly path: string;
  readonly responseStream: boolean;
  requestSerialize(request: object): Buffer;
}

function methodsOf(definitions: object, requests: Readonly<Record<string, object>>): EveryMethod[] {
  return Object.entries(definitions as Readonly<Record<string, Definition>>).map(([name, definition]) => ({
    path: definition.path,
    streaming: definition.responseStream,
    request: definition.requestSerialize(requests[name] ?? {}),
  }));
}

export const everyMethod: readonly EveryMethod[] = [
  ...methodsOf(LaboratoryServiceService, laboratory),
  ...methodsOf(WorkerServiceService, worker),
];

const passThrough = (bytes: Buffer): Buffer => bytes;

export interface RawClient extends Disposable {
  /** The status that the call ends with. */
  call(method: EveryMethod, request: Buffer, headers?: Readonly<Record<string, string>>): Promise<Ending>;
}

export interface Ending {
  readonly code: status;
  readonly details: string;
}

/** Sends bytes as they are. */
export function rawClient(address: string): RawClient {
  const client = new Client(address, credentials.createInsecure());
  return {
    call: ({ path, streaming }, request, headers = {}) =>
      new Promise((resolve) => {
        const metadata = new Metadata();
        for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
        const end = (error: Partial<ServiceError> | null) =>
          resolve({ code: error?.code ?? status.OK, details: error?.details ?? "" });
        const options = { deadline: Date.now() + 20_000 };
        if (streaming) {
          const call = client.makeServerStreamRequest(path, passThrough, passThrough, request, metadata, options);
          call.on("error", end).on("end", () => end(null));
          call.resume();
        } else {
          client.makeUnaryRequest(path, passThrough, passThrough, request, metadata, options, end);
        }
      }),
    [Symbol.dispose]: () => client.close(),
  };
}
