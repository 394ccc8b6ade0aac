#!/usr/bin/env bash
# What the steps of action.yml run: `action.sh install`, then `action.sh check`.
set -euo pipefail

install() {
    if [ -n "$PACKAGE" ]; then
        python -m pip install --quiet --disable-pip-version-check "$PACKAGE"
    fi
    if [ -n "$INSTALL" ]; then
        bash -euo pipefail -c "$INSTALL"
    fi
}

# The target branch of a pull request is not in the shallow clone that it is checked in.
name_base() {
    if [ -z "$BASE" ] && [ -n "$TARGET_BRANCH" ]; then
        git fetch --quiet --depth=1 origin "$TARGET_BRANCH"
        if git cat-file -e "FETCH_HEAD:./$CONTRACT" 2>/dev/null; then
            BASE="git:$(git rev-parse FETCH_HEAD):$CONTRACT"
        fi
    fi
}

check() {
    name_base
    local options=(--fail-on "$FAIL_ON") option status=0
    if [ -n "$BASE" ]; then
        options+=(--base "$BASE")
    fi
    while IFS= read -r option; do
        if [ -n "$option" ]; then
            options+=("$option")
        fi
    done <<<"$OPTIONS"
    lockstitch check "${options[@]}" || status=$?
    lockstitch check "${options[@]}" --markdown >>"$GITHUB_STEP_SUMMARY" || true
    lockstitch check "${options[@]}" --sarif >"$SARIF" || true
    # The findings are uploaded before the last step fails the job.
    echo "status=$status" >>"$GITHUB_OUTPUT"
}

"$1"
