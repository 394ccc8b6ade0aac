"""All rules of the audit."""

from typing import Final

from lockstitch.findings import Rule

RULES: Final = (
    Rule(
        "any-api-data",
        "API data is typed as any, or a route takes whatever comes.",
        "A renamed or missing member is not seen by the compiler, nor refused by the server; it "
        "shows as undefined to a person.",
    ),
    Rule(
        "error-as-success",
        "A failure is answered with status 200.",
        "Clients, caches, retries and monitoring all take it for a result.",
    ),
    Rule(
        "error-without-meaning",
        "An error says only a status number.",
        "What the service wrote about the failure is lost, so nobody can show or handle it.",
    ),
    Rule(
        "hard-coded-endpoint",
        "The address of a service stands in the code.",
        "It is wrong on every other machine, and changing it needs a release.",
    ),
    Rule(
        "identity-from-input",
        "A route takes from its input whose data it works on.",
        "Whoever calls chooses another person's id and acts as that person.",
    ),
    Rule(
        "inconsistent-errors",
        "Failures are handled in several ways, or not at all.",
        "Each caller must know which way each endpoint fails; sooner or later an error is shown as "
        "data.",
    ),
    Rule(
        "leaked-error",
        "The text of an exception goes to the caller.",
        "It holds SQL, paths, addresses and values of other people.",
    ),
    Rule(
        "missing-null-check",
        "A value that may not be there is used as if it were.",
        "The first person without such a row sees a broken page or a 500.",
    ),
    Rule(
        "missing-retry",
        "A read that could be tried again is not.",
        "One lost packet or one restart of the service fails it.",
    ),
    Rule(
        "missing-states",
        "A component shows neither that it waits nor that it failed.",
        "People see an empty page and click again.",
    ),
    Rule(
        "missing-timeout",
        "A request has no deadline.",
        "When the service hangs, its callers hang with it, until nothing is left to answer.",
    ),
    Rule(
        "open-cors",
        "CORS allows credentials to every origin.",
        "Any page that a signed-in person visits can read and change that person's data.",
    ),
    Rule(
        "ownership-unchecked",
        "A route asks who is calling and never uses it.",
        "Any signed-in person reaches everybody's rows by their ids.",
    ),
    Rule(
        "race-condition",
        "What comes last wins, or two callers overwrite each other.",
        "A late answer replaces a newer one; two inserts or updates at once lose one of them.",
    ),
    Rule(
        "route-without-identity",
        "A route that writes does not ask who is calling, where others do.",
        "Anybody who finds it may use it.",
    ),
    Rule(
        "sensitive-data",
        "A secret, or what a person gave a model, is in client code, in storage or in a log.",
        "Every script of the page, every reader of the log and every clone of the repository has "
        "it.",
    ),
    Rule(
        "service-role-without-identity",
        "A route that anybody may call uses the service-role key.",
        "The key passes every row-level policy, so the route answers with everybody's rows.",
    ),
    Rule(
        "several-base-urls",
        "The clients of one front end call different addresses.",
        "In each environment some of them call the wrong service.",
    ),
    Rule(
        "suppression-without-reason",
        "A comment that silences a rule does not say why.",
        "Nobody can tell later whether the reason still holds.",
    ),
    Rule(
        "token-outlives-sign-out",
        "A token kept in a module survives signing out.",
        "The next person in the same tab acts as the one before.",
    ),
    Rule(
        "unsafe-retry",
        "A request that changes something is sent again after a failure.",
        "The first attempt may have worked: the order is placed, the mail is sent twice.",
    ),
    Rule(
        "unused-suppression",
        "A comment silences a rule that finds nothing there.",
        "It would hide the next fault in this place.",
    ),
    Rule(
        "unvalidated-response",
        "An answer is taken for a type without a look at it.",
        "The type is a wish; when the service changes, the error shows far from its cause.",
    ),
)
