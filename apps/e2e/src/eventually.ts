/** How long a journey may take before a test gives up. Generous: two cores are shared with a browser, a broker and a database. */
export const patience = 30_000;

/** Asks again until the check passes, and reports its last failure when patience ends. */
export async function eventually<T>(check: () => Promise<T> | T, limitMs = patience): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
