import { Body, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import { Actor, DescribedBy, ManagementController, RequiresRole } from '@landfall/service-defaults';
import type { RecordedAct } from '../act/operator-act.view';
import { documentation } from '../lazy.documentation';
import {
  Marks,
  rebuildRequest,
  republishRequest,
  topicName,
  type RebuildRequest,
  type RepublishRequest,
  type RequestMarks,
} from '../requests';
import { TopicAdministration } from './topic.administration';

@DescribedBy((controller) => documentation().describeTopics(controller))
@RequiresRole('landfall.operate')
@ManagementController('topics')
export class TopicController {
  constructor(private readonly topics: TopicAdministration) {}

  @Post(':topic/republish')
  @HttpCode(HttpStatus.OK)
  republish(
    @Param('topic', { schema: topicName }) topic: string,
    @Body({ schema: republishRequest }) { reason, ...choice }: RepublishRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.topics.republish(topic, choice, { ...marks, reason, actor: actor.subject });
  }

  @Post(':topic/rebuild')
  @HttpCode(HttpStatus.OK)
  rebuild(
    @Param('topic', { schema: topicName }) topic: string,
    @Body({ schema: rebuildRequest }) { reason, after }: RebuildRequest,
    @Marks() marks: RequestMarks,
    @Actor() actor: Actor,
  ): Promise<RecordedAct> {
    return this.topics.rebuild(topic, after, { ...marks, reason, actor: actor.subject });
  }
}
