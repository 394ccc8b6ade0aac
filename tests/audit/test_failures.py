"""Named for the rules about failures: how they are handled, answered and told."""

from pathlib import Path
from textwrap import dedent

import pytest
from audited import findings, in_python, in_typescript


@pytest.mark.parametrize(
    "code",
    [
        """
        const res = await fetch(u)
        const data = await res.json()
        """,
        "export const load = () => fetch(u).then((res) => res.json())",
        """
        async function load() {
          const res = await fetch(u)
          return todos.parse(await res.json())
        }
        """,
        "const data = await (await fetch(u)).json()",
        """
        async function load() {
          try {
            return await fetch(u)
          } catch {
            return []
          }
        }
        """,
        """
        async function load() {
          try {
            return await fetch(u)
          } catch (e) {
            console.error(e)
            return null
          }
        }
        """,
    ],
)
def test_failure_that_is_ignored_or_swallowed_is_found(tmp_path: Path, code: str) -> None:
    assert len(in_typescript(tmp_path, code, "inconsistent-errors")) == 1


@pytest.mark.parametrize(
    "code",
    [
        """
        const res = await fetch(u)
        if (!res.ok) throw new Refused(res)
        const data = await res.json()
        """,
        """
        const res = await fetch(u)
        const data = await readOrThrow(res)
        """,
        "export const send = () => fetch(u)",
        "fetch(u).then((res) => { if (res.status !== 200) throw new Refused(res); return res.json() })",
        """
        async function load() {
          try {
            return await fetch(u)
          } catch (e) {
            throw new Unreachable(e)
          }
        }
        """,
        """
        async function load() {
          try {
            return { ok: true, r: await fetch(u) }
          } catch (e) {
            return { ok: false, error: e }
          }
        }
        """,
        """
        async function isUp(): Promise<boolean> {
          try {
            return (await fetch(u)).ok
          } catch {
            return false
          }
        }
        """,
    ],
)
def test_failure_that_is_handled_is_left(tmp_path: Path, code: str) -> None:
    assert in_typescript(tmp_path, code, "inconsistent-errors") == []


def test_requests_that_fail_in_two_ways_are_found(tmp_path: Path) -> None:
    files = {
        "a.ts": "async function one() { const r = await fetch(u); if (!r.ok) throw new E(); return r }",
        "b.ts": "async function two() { const r = await fetch(u); if (!r.ok) return null; return r }",
    }
    (found,) = findings(tmp_path, files, "inconsistent-errors")

    assert found.message.startswith("two answers nothing")
    assert [place.file for place in found.related] == ["a.ts"]


@pytest.mark.parametrize(
    "code",
    [
        """
        const r = await fetch(u)
        if (!r.ok) throw new Error(`HTTP error! status: ${r.status}`)
        """,
        """
        const r = await fetch(u)
        if (!r.ok) throw new Error(`Request failed with status ${r.status}`)
        """,
        """
        const r = await fetch(u)
        if (!r.ok) throw new Error(`HTTP ${r.status}`)
        """,
    ],
)
def test_error_that_says_a_number_is_found(tmp_path: Path, code: str) -> None:
    assert len(in_typescript(tmp_path, code, "error-without-meaning")) == 1


@pytest.mark.parametrize(
    "code",
    [
        "if (!r.ok) throw new Error(problem.detail)",
        "if (!r.ok) throw new ProblemError(r.status, await r.json())",
        "if (!r.ok) throw new Error(`${problem.title} (${r.status})`)",
        "throw new Error(`Unknown status: ${name}`)",
    ],
)
def test_error_that_says_more_is_left(tmp_path: Path, code: str) -> None:
    assert (
        in_typescript(tmp_path, f"const r = await fetch(u)\n{code}", "error-without-meaning") == []
    )


APP = "from fastapi import *\nfrom fastapi.responses import JSONResponse\napp = FastAPI()\n"
READ = "@app.get('/todos')\ndef read():\n"


@pytest.mark.parametrize(
    "body",
    [
        "    return {'error': 'Not found'}",
        "    return {'success': False, 'reason': 'taken'}",
        "    return {'status': 'error'}",
        "    try:\n        return load()\n    except:\n        return []",
        "    try:\n        return load()\n    except Exception as e:\n        return {'error': str(e)}",
        (
            "    try:\n        return load()\n    except Exception:\n        logger.exception('x')\n"
            "        return None"
        ),
    ],
)
def test_failure_answered_as_success_is_found(tmp_path: Path, body: str) -> None:
    (found,) = in_python(tmp_path, APP + READ + body, "error-as-success")

    assert found.severity == "error"


@pytest.mark.parametrize(
    "code",
    [
        READ + "    raise HTTPException(404, 'Not found')",
        READ + "    return JSONResponse({'error': 'Not found'}, status_code=404)",
        READ + "    return {'errors': [], 'error': None, 'success': True}",
        READ + "    try:\n        return load()\n    except KeyError:\n        return []",
        READ
        + "    try:\n        return load()\n    except Exception:\n        raise Refused from None",
        """
        def helper():
            return {'error': 'Not found'}
        """,
        """
        @app.get('/x', status_code=500)
        def read():
            return {'error': 'always'}
        """,
    ],
)
def test_failure_answered_as_failure_is_left(tmp_path: Path, code: str) -> None:
    assert in_python(tmp_path, APP + dedent(code), "error-as-success") == []


@pytest.mark.parametrize(
    "body",
    [
        "    except Exception as e:\n        raise HTTPException(500, str(e))",
        "    except Exception as error:\n        raise HTTPException(400, detail=f'failed: {error}')",
        "    except ValueError as e:\n        raise HTTPException(status_code=500, detail=repr(e))",
        "    except Exception:\n        raise HTTPException(500, traceback.format_exc())",
        "    except Exception as e:\n        return {'detail': str(e)}",
    ],
)
def test_exception_told_to_callers_is_found(tmp_path: Path, body: str) -> None:
    code = f"{APP}{READ}    try:\n        return load()\n{body}"

    assert len(in_python(tmp_path, code, "leaked-error")) == 1


@pytest.mark.parametrize(
    "body",
    [
        "    except ValueError as e:\n        raise HTTPException(400, str(e))",
        "    except Refused as e:\n        raise HTTPException(503, str(e))",
        "    except Exception:\n        raise HTTPException(500, 'Try again later.')",
        "    except Exception as e:\n        log.error('failed', exc_info=e)\n        raise",
        "    except Exception as e:\n        raise Unreadable(str(e)) from e",
    ],
)
def test_sentence_of_ones_own_is_left(tmp_path: Path, body: str) -> None:
    code = f"{APP}{READ}    try:\n        return load()\n{body}"

    assert in_python(tmp_path, code, "leaked-error") == []


RAISES = "@app.get('/a')\ndef a():\n    raise HTTPException(404, 'No such thing')\n"


@pytest.mark.parametrize("status", ["404", "status.HTTP_409_CONFLICT", "422"])
def test_route_with_a_shape_of_its_own_is_found(tmp_path: Path, status: str) -> None:
    own = f"@app.get('/b')\ndef b():\n    return JSONResponse({{'message': 'no'}}, status_code={status})"
    found = in_python(tmp_path, APP + RAISES + dedent(own), "inconsistent-errors")

    assert [one.message.partition(" refuses")[0] for one in found] == ["GET /b"]


@pytest.mark.parametrize(
    "own",
    [
        """
        @app.get('/b')
        def b():
            return JSONResponse({'detail': 'no'}, status_code=404)
        """,
        """
        @app.get('/b')
        def b():
            raise HTTPException(409, 'taken')
        """,
        """
        @app.get('/b')
        def b():
            return JSONResponse({'id': 1}, status_code=201)
        """,
        """
        @app.exception_handler(Refused)
        def refused(request, error):
            return JSONResponse({'title': 'no'}, status_code=404)
        """,
    ],
)
def test_routes_of_one_shape_are_left(tmp_path: Path, own: str) -> None:
    assert in_python(tmp_path, APP + RAISES + dedent(own), "inconsistent-errors") == []
