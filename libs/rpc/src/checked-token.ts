import { InvalidArgument } from "@stride/experiment";

/** Returns the token, or throws an InvalidArgument that does not show it: headers carry visible ASCII alone. */
export function checkedToken(token: string): string {
  if (/^[\x21-\x7e]{1,1024}$/.test(token)) return token;
  throw new InvalidArgument("token must be 1 to 1024 visible ASCII characters without spaces (it is not shown here)");
}
