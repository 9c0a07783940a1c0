/** Thrown when Postgres cannot be reached, refuses the login, or has no such database; says what to do, never the password. */
export class DatabaseUnreachable extends Error {
  override readonly name = "DatabaseUnreachable";
}

/** Thrown at start when the tables were made by a newer Stride than this one: nothing was changed. */
export class DatabaseTooNew extends Error {
  override readonly name = "DatabaseTooNew";
}

/** Thrown at start when the tables are older than this Stride and it may not migrate them: nothing was changed. */
export class DatabaseTooOld extends Error {
  override readonly name = "DatabaseTooOld";
}

/** The SQLSTATE or system code of a driver's error, or undefined. */
export function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** What to do about a failure to reach Postgres, by SQLSTATE, its class, or the system's code. */
const advice: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there: start Postgres or check the address",
  ENOTFOUND: "there is no such host: check the address",
  EAI_AGAIN: "the host's name cannot be resolved now: check the address and the network",
  ETIMEDOUT: "it did not answer in time: check the address and the firewall",
  EHOSTUNREACH: "the host cannot be reached: check the address and the network",
  ENETUNREACH: "the network cannot be reached: check the address and the network",
  ECONNRESET: "it closed the connection: try again",
  EPIPE: "it closed the connection: try again",
  ENOENT: "there is no such socket: check the address",
  EACCES: "its socket is closed to this user: check the socket's permissions",
  "28": "it refused the login: check user, password and pg_hba.conf",
  "3D": "there is no such database: create it (createdb) or check the name",
  "08": "the connection broke: try again",
  "53": "it has no resources left: raise its limits or use fewer processes",
  "57": "it is starting up or shutting down: try again",
};

/** Messages of the driver's own errors, which carry no code. */
const brokenConnection =
  /^Connection terminated|^timeout exceeded when trying to connect|SSL|SASL|Client has encountered/;
const noPassword = /client password must be/;

/** `DatabaseUnreachable` in place of an error that means so, anything else as it is. `place` names the server. */
export function translated(error: unknown, place: string): unknown {
  if (error instanceof DatabaseUnreachable) return error;
  const code = codeOf(error);
  const what = (code === undefined ? undefined : (advice[code] ?? sqlStateAdvice(code))) ?? driverAdvice(error);
  if (what === undefined) return error;
  return new DatabaseUnreachable(`cannot use Postgres at ${place}: ${what}`, { cause: error });
}

/** 57014 is a cancelled statement, and not about the server. */
function sqlStateAdvice(code: string): string | undefined {
  return code.length === 5 && code !== "57014" ? advice[code.slice(0, 2)] : undefined;
}

function driverAdvice(error: unknown): string | undefined {
  if (!(error instanceof Error) || codeOf(error) !== undefined) return undefined;
  if (noPassword.test(error.message)) return advice["28"];
  if (!brokenConnection.test(error.message)) return undefined;
  return `${error.message}: check the address, or try again`;
}
