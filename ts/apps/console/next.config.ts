import type { NextConfig } from 'next'
import { sourceDigest } from './build/source-digest.ts'

const config: NextConfig = {
  output: 'export',
  trailingSlash: true,
  reactStrictMode: true,
  poweredByHeader: false,
  // The same sources give the same file names, so that a rebuild is not an update.
  generateBuildId: sourceDigest,
  images: { unoptimized: true },
  // `npm run check` runs the compiler; TypeScript 7 has no interface that Next could call.
  typescript: { ignoreBuildErrors: true },
}

export default config
