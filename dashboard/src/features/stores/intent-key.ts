/** One intent to create: what is asked for and the key that names it. */
export interface Intent {
  readonly name: string;
  readonly key: string;
}

/** `crypto.randomUUID` is missing where the dashboard is opened by a plain http address of another machine. */
const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** The same name asked for again, as after a lost answer, is the same intent; another name is another. */
export const intentFor = (name: string, last: Intent | undefined): Intent =>
  last?.name === name ? last : { name, key: newKey() };
