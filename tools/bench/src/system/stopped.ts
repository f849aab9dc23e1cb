/** Rejects when the bench is told to stop: whoever waits for something else beside it then cleans up at once. */
export function stopped(stop: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(new Error('stopped'));
    if (stop.aborted) end();
    else stop.addEventListener('abort', end, { once: true });
  });
}
