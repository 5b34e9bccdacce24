/** Why the platform can't start, in sentences for whoever typed `npm start`. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
