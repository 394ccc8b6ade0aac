import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ModelSummary } from '#api/types.ts'
import { heldOutSentence, metricRows } from './metrics.ts'

function modelWith(metrics: ModelSummary['metrics'], inputTitle: string): ModelSummary {
  return {
    name: 'sentiment',
    title: 'Review sentiment',
    description: '',
    state: 'ready',
    version: 1,
    createdAt: new Date(0),
    metrics,
    labels: null,
    predictionsPath: '/v1/models/sentiment/predictions',
    inputSchema: { title: inputTitle },
    outputSchema: {},
    examples: [],
  }
}

test('held-out accuracy is one sentence that names what the rows are', () => {
  const metrics = { held_out_accuracy: 0.769_19, held_out_rows: 2058 }
  const sentence = heldOutSentence(modelWith(metrics, 'Review'))
  assert.equal(sentence, '76.9\u00a0% on 2,058 held-out reviews')
  assert.match(heldOutSentence(modelWith(metrics, 'ReviewInput')) ?? '', /held-out rows$/)
})

test('without the number of rows there is no sentence', () => {
  assert.equal(heldOutSentence(modelWith({ held_out_accuracy: 0.8 }, 'Review')), null)
})

test('each metric is shown in its unit', () => {
  const rows = metricRows(
    modelWith({ held_out_accuracy: 0.769, train_seconds: 24.63, auc: 0.668, train_rows: 8530 }, ''),
  )
  assert.deepEqual(rows, [
    { name: 'Held-out accuracy', value: '76.9\u00a0%' },
    { name: 'Training time', value: '24.6\u00a0s' },
    { name: 'AUC', value: '0.668' },
    { name: 'Training rows', value: '8,530' },
  ])
})
