/** Thrown when a schedule is asked for something it cannot be given; says what is allowed and what came. */
export class InvalidArgument extends RangeError {
  override readonly name = "InvalidArgument";
}
