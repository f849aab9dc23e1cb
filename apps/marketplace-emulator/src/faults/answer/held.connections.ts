import type { Socket } from 'node:net';
import { limits } from '../../limits';

/** A connection whose caller is kept waiting. */
interface Held {
  socket: Socket;
  end: () => void;
}

/** The connections that faults keep open. They are bounded in number and in time: for one too many the oldest is closed. */
export class HeldConnections {
  /** Oldest first. */
  private readonly held = new Set<Held>();

  constructor(private readonly capacity: number = limits.heldConnections) {}

  get size(): number {
    return this.held.size;
  }

  /**
   * Keeps a connection until its time is over or it is closed by either side, and calls back then.
   * @returns lets go of it before that, without the call.
   */
  hold(socket: Socket, ms: number, whenOver: () => void): () => void {
    if (this.held.size >= this.capacity) close([...this.held].slice(0, 1));
    const letGo = () => {
      clearTimeout(timer);
      socket.off('close', end);
      this.held.delete(entry);
    };
    const end = () => {
      letGo();
      whenOver();
    };
    const entry = { socket, end };
    const timer = setTimeout(end, socket.destroyed ? 0 : ms);
    socket.once('close', end);
    this.held.add(entry);
    return letGo;
  }

  /** Resolves when the time is over or the connection is closed. */
  wait(socket: Socket, ms: number): Promise<void> {
    return new Promise((resolve) => this.hold(socket, ms, resolve));
  }

  /** Closes all of them. */
  end(): void {
    close([...this.held]);
  }
}

function close(held: Held[]): void {
  for (const { socket, end } of held) {
    socket.destroy();
    end();
  }
}
