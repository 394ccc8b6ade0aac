// The two documents that the decoders are measured on.

const identifier = (index: number) => `0192f0c1-7e57-7abc-8def-${index.toString(16).padStart(12, '0')}`
const instant = (index: number) => new Date(1_760_000_000_000 + index * 977).toISOString()

function outcome(index: number) {
  if (index % 3 === 0) {
    const shares = [0.93, 0.05, 0.02].map((share, place) => ({ label_text: `label ${place}`, label_share: share }))
    return { kind: 'classified', best_label: 'label 0', label_shares: shares, reviewed_at: null }
  }
  if (index % 3 === 1) {
    return { kind: 'estimated', estimated_value: index * 1.5, lower_bound: null, upper_bound: index * 2.25 }
  }
  return {
    kind: 'written',
    written_text: 'The quick brown fox jumps over the lazy dog, and the dog does not mind.',
    end_reason: 'stop',
    token_count: { prompt_tokens: 12, answer_tokens: 34 },
    first_token_at: instant(index),
  }
}

function prediction(index: number) {
  return {
    prediction_id: identifier(index),
    request_name: `request ${index}`,
    created_at: instant(index),
    finished_at: index % 2 === 0 ? instant(index + 1) : null,
    duration_seconds: index * 0.37,
    model_version: {
      version_id: identifier(7),
      model_name: 'sentiment',
      stage: 'production',
      trained_at: instant(7),
    },
    outcome: outcome(index),
    input_tags: ['reviews', 'english', 'short'],
    feature_values: { text_length: index, word_count: index / 7, mean_score: 0.5 },
    stage_times: { queued: instant(index), batched: null },
    is_cached: index % 5 === 0,
  }
}

function layer(depth: number): object {
  return {
    layer_name: `layer ${depth}`,
    parameter_count: depth * 4096,
    frozen_at: depth % 2 === 0 ? instant(depth) : null,
    child_layers: depth === 0 ? [] : [layer(depth - 1), layer(depth - 1)],
  }
}

export const payloads = {
  page: () => ({
    items: Array.from({ length: 1000 }, (_, index) => prediction(index)),
    next_cursor: 'bmV4dA',
    total_count: 123_456,
  }),
  deep: () => ({
    training_id: identifier(1),
    started_at: instant(1),
    hyper_parameters: { learning_rate: 0.001, optimizer: 'adamw', is_frozen: true },
    root_layer: layer(10),
  }),
}
