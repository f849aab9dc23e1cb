import { compactedTopicsOf, type Topic } from '@landfall/contracts';
import { Inject, Injectable } from '@nestjs/common';
import type { RebuildSource } from '../handlers/rebuilds';
import { SERVICE, type ServiceIdentity } from '../messaging.config';

/** A compacted topic that this service writes could not be made again. The service does not start. */
export class RebuildSourceMissing extends Error {
  readonly code = 'REBUILD_SOURCE_MISSING';
  readonly retriable = false;
}

/** The compacted topics that this service writes, and what each is made from. */
@Injectable()
export class RebuildSources {
  private sources = new Map<string, { topic: Topic; source: RebuildSource }>();

  constructor(@Inject(SERVICE) private readonly service: ServiceIdentity) {}

  /** @throws RebuildSourceMissing where a compacted topic of this service has no source */
  serve(sources: readonly { topic: Topic; source: RebuildSource }[]): void {
    this.sources = new Map(sources.map((one) => [one.topic.name, one]));
    const missing = compactedTopicsOf(this.service.name).filter((topic) => !this.sources.has(topic));
    if (missing.length === 0) return;
    throw new RebuildSourceMissing(
      `${this.service.name} writes the compacted topic ${missing.join(', ')} and has no method with @Rebuilds for it: an older state that is written late ` +
        'would stay there for ever, and the topic could not be made again. Add such a method to a controller that a module of the service lists.',
    );
  }

  get topics(): Topic[] {
    return [...this.sources.values()].map(({ topic }) => topic);
  }

  of(topic: string): RebuildSource | undefined {
    return this.sources.get(topic)?.source;
  }
}
