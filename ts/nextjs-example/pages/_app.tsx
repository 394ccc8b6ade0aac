import { HydrationBoundary } from '@tanstack/react-query'
import type { AppProps } from 'next/app'
import { Providers } from '../app/providers'

export default function Application({ Component, pageProps }: AppProps) {
  return (
    <Providers>
      <HydrationBoundary state={pageProps.queries}>
        <Component {...pageProps} />
      </HydrationBoundary>
    </Providers>
  )
}
