/** The generated codec of a message. */
interface MessageType<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}

/** A message as it arrives: through the bytes of the wire. */
export function sent<T>(type: MessageType<T>, message: T): T {
  return type.decode(type.encode(message).finish());
}
