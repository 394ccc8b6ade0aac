import { createQueryClient } from '@lockstitch/react/query'
import { dehydrate, useQuery } from '@tanstack/react-query'
import type { GetServerSideProps } from 'next'
import { listTasksQuery } from '../api/queries'
import { useClient } from '../app/providers'
import { serverClient } from '../server/service'

export const getServerSideProps: GetServerSideProps = async () => {
  const queries = createQueryClient()
  await queries.prefetchQuery(listTasksQuery(serverClient()))
  return { props: { queries: dehydrate(queries) } }
}

export default function Report() {
  const { data } = useQuery(listTasksQuery(useClient()))
  const newest = data?.items.at(-1)
  return <p>{newest ? `${newest.title}, ${newest.createdAt.toISOString()}` : 'Nothing yet.'}</p>
}
