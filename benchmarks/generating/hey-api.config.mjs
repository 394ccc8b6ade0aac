// Its best settings for truth: zod checks each answer, then the transformers make dates.
export default {
  input: process.env.INPUT,
  output: process.env.OUTPUT,
  plugins: [
    '@hey-api/client-fetch',
    '@hey-api/typescript',
    { name: '@hey-api/transformers', dates: true },
    { name: 'zod', dates: { offset: true } },
    { name: '@hey-api/sdk', transformer: true, validator: true },
  ],
}
