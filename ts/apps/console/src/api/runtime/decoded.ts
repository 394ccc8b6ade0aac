/** One reason why a value is not what the contract says. */
export interface Issue {
  /** JSON Pointer to the place in the wire value, `''` for the whole. */
  readonly pointer: string
  readonly message: string
  /** The rule that was broken, such as `type`, `required` or `format`. */
  readonly rule: string
}

/** A value of the declared type, or every reason why it is not one. */
export type Decoded<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly issues: readonly Issue[] }

/** Turns a wire value into a value of the declared type; never throws. */
export type Decode<Value> = (value: unknown) => Decoded<Value>
