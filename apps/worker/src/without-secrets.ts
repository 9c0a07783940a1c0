/** What opens the coordinator, the database and the queue, and where such things lie. */
const secrets = [
  "STRIDE_TOKEN",
  "STRIDE_TOKEN_FILE",
  "STRIDE_TOKENS_FILE",
  "STRIDE_TLS_KEY_FILE",
  "STRIDE_TLS_CLIENT_KEY_FILE",
  "STRIDE_QUEUE_URL",
  "STRIDE_DATABASE_URL",
  "STRIDE_REDIS_URL",
];

/** An environment for a process that runs users' modules. It keeps accidents away, not an author who means harm (docs/operating.md). */
export function withoutSecrets(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !secrets.includes(name)));
}
