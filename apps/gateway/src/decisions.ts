/** What tools/simulate drives: whether the answer to a webhook waits for a decision, and what it is then. Nothing else may import from here. */
export { answerTo } from './webhook/webhook.answer';
export { awaitsDecision } from './webhook/webhook.hold';
export { outcomeOf, ANSWER_COUNTS_MS, REFUSAL_LIMIT_MS, type Standing } from './webhook/webhook.standing';
