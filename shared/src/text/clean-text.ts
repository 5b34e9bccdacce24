/**
 * What comes from elsewhere may hold what PostgreSQL refuses: NUL, and halves of surrogate pairs.
 * @param maxLength in UTF-16 units; what is longer is cut.
 */
export const cleanText = (text: string, maxLength = 500): string =>
  text.replaceAll('\0', '').slice(0, maxLength).toWellFormed();
