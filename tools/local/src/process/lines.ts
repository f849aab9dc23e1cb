/** A line without an end is cut here, so that a process that never ends its line cannot fill our memory. */
const maxLineLength = 64 * 1024;

/** Cuts a stream of text into lines and hands each on without its end. Call the result with every piece, and with nothing at the end. */
export function intoLines(onLine: (line: string) => void): (piece?: string) => void {
  let rest = '';
  return (piece) => {
    if (piece === undefined) {
      if (rest) onLine(rest);
      rest = '';
      return;
    }
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line.endsWith('\r') ? line.slice(0, -1) : line);
    if (rest.length > maxLineLength) {
      onLine(rest);
      rest = '';
    }
  };
}
