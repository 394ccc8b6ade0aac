// Its best settings for truth: zod checks each answer. With `useDates` the schemas are `zod.date()`,
// which refuses every string that JSON can hold, so dates stay the strings that their type says.
export default {
  api: {
    input: process.env.INPUT,
    output: {
      mode: 'split',
      client: 'fetch',
      target: `${process.env.OUTPUT}/api.ts`,
      schemas: { path: `${process.env.OUTPUT}/model`, type: 'zod' },
      override: {
        fetch: { includeHttpResponseReturnType: true, runtimeValidation: true },
        zod: { dateTimeOptions: { offset: true } },
      },
    },
  },
}
