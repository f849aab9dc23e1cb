/** Runs a change as a whole or not at all: what `DocumentStore.atomically` does, for those who need nothing else of the store. */
export type Atomically = <R>(change: () => R) => R;
