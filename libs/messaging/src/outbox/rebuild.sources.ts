import type { Topic } from '@landfall/contracts';
import { Injectable } from '@nestjs/common';
import type { RebuildSource } from '../handlers/rebuilds';

/** The compacted topics that this service writes, and what each is made from. */
@Injectable()
export class RebuildSources {
  private sources = new Map<string, { topic: Topic; source: RebuildSource }>();

  serve(sources: readonly { topic: Topic; source: RebuildSource }[]): void {
    this.sources = new Map(sources.map((one) => [one.topic.name, one]));
  }

  get topics(): Topic[] {
    return [...this.sources.values()].map(({ topic }) => topic);
  }

  of(topic: string): RebuildSource | undefined {
    return this.sources.get(topic)?.source;
  }
}
