/** Fields that are known, with their types, and any others that a newer service may add: those are `unknown`. */
export type Extensible<Fields extends object> = Fields & Record<string, unknown>;
