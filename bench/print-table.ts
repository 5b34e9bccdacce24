const print = (cells: readonly string[]): void => console.log(`| ${cells.join(' | ')} |`);

/** Prints the head of a table as Markdown. @returns what prints a row, so that each shows when it is known */
export const printTable = (...head: readonly string[]): ((...cells: readonly string[]) => void) => {
  print(head);
  print(head.map(() => '---'));
  return (...cells) => print(cells);
};
