import { GoHome } from '#shell/go-home.tsx'

export default function Page() {
  return <GoHome />
}
