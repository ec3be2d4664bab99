"""The scenarios: each arranges something, lets it go wrong, and asks the integration for one act or a few."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from lintas_conformance.acts import Act
from lintas_conformance.stage import Stage
from lintas_simulator.casefiles import Casefile, day_of
from lintas_simulator.contract import bodies, rows
from lintas_simulator.stories import Step, Walk, steps, story_of
from lintas_simulator.webhooks import How, Webhook

FOR_EVER: Final = 10_000
WAIT_S: Final = 2
"""What `Retry-After` asks for."""
KEYS_KEPT_S: Final = 65.0
"""For so long a receiver may keep the published keys before it looks again."""


@dataclass(frozen=True)
class Scenario:
    """One scenario: its name, the verb that an integration must know to play it, and how it plays."""

    name: str
    needs: str
    plays: Callable[[Stage], None]


# -- every row ---------------------------------------------------------------------------------------------------------


def _walk(stage: Stage) -> None:
    """Each row that is an agency's own, on the shortest published path that has it; the others do all else."""
    for name in rows():
        found = story_of(name) if rows()[name].routed else None
        if found is None:
            continue
        path, place = found
        step = steps(path)[place]
        verb = "submit" if name == "submit" else "transition"
        if step.agency in stage.integration.agencies and verb in stage.integration.verbs:
            _row(stage, path, place, step)


def _row(stage: Stage, path: str, place: int, step: Step) -> None:
    walk = Walk(stage.register)
    for earlier in steps(path)[:place]:
        walk.others(earlier)
    if step.row == "submit":
        act = Act("submit", f"{step.agency}-system", f"walk {path} {place}", body=walk.body(step))
    else:
        case = stage.register.casefiles[walk.address(step).split("/")[4]]
        act = Act(
            "transition", f"{step.agency}-system", f"walk {path} {place} {case.id}", casefile=case.id,
            number=case.number, transition=step.row, body=walk.body(step),
        )  # fmt: skip
    stage.ask(act)


def _documents(stage: Stage) -> None:
    stage.ask(stage.act("document", body=bodies("register_document.json")))


# -- the line is bad ---------------------------------------------------------------------------------------------------


def _with(kind: str, **more: float) -> Callable[[Stage], None]:
    """The primary transition, at whose first attempt that goes wrong."""

    def plays(stage: Stage) -> None:
        act = stage.transition()
        stage.goes_wrong(kind, f"perform_{stage.primary.replace('-', '_')}", **more)
        stage.ask(act)

    return plays


def _submitted_in_the_dark(stage: Stage) -> None:
    act = stage.finding()
    stage.goes_wrong("cut-after", "submit_finding")
    stage.ask(act)


def _restarted(stage: Stage) -> None:
    """The act is done and its answer lost, then nothing answers for long; the program is started again later."""
    act = stage.transition()
    operation = f"perform_{stage.primary.replace('-', '_')}"
    stage.goes_wrong("cut-after", operation)
    stage.goes_wrong("unavailable", operation, times=FOR_EVER, retry_after=WAIT_S)
    stage.ask(act)
    stage.register.mishaps.clear()
    stage.ask(act)


def _raced(stage: Stage) -> None:
    """Another party comes first; where the integration gives up, it is asked for the same once more."""
    act = stage.transition()
    stage.goes_wrong("race", f"perform_{stage.primary.replace('-', '_')}")
    if stage.ask(act).outcome.code:
        stage.ask(act)


# -- refused -----------------------------------------------------------------------------------------------------------


def _invalid(stage: Stage) -> None:
    stage.ask(stage.transition(occurred_at="yesterday"))


def _overtaken(stage: Stage) -> None:
    """Somebody has closed the casefile already."""
    case = stage.casefile()
    act = stage.transition(case)
    given = {"reason": {"code": "other", "text": "-"}, "violation_found": False}
    official = {"name": "Nama Direktur", "position": "Direktur"}
    stage.register.step(case, "terminate", {**given, "official": official}, actor=case.examiner)
    stage.ask(act)


# -- refused for the law's reasons -------------------------------------------------------------------------------------


def _noted(stage: Stage, case: Casefile, **changed: str) -> None:
    """A note on that casefile, which every party may add to an open one."""
    body = {**bodies("perform_note.json"), **changed}
    stage.ask(stage.act("transition", casefile=case.id, number=case.number, transition="note", body=body))


def _backwards(stage: Stage) -> None:
    """What is noted would lie before the acts that the matter is about."""
    _noted(stage, stage.casefile(), date="2019-01-02")


def _mandate_ended(stage: Stage) -> None:
    """The examiner's mandate ended before the act."""
    case = stage.casefile()
    case.mandate_ended = True
    _noted(stage, case)


def _moved_on(stage: Stage) -> None:
    """The officer has moved, and with them the duty: the letter is another agency's now."""
    if stage.primary != "acknowledge":
        return
    act = stage.transition(case := stage.casefile())
    stage.register.act(case, "transfer", bodies("perform_transfer.json"), actor=str(case.employer))
    stage.ask(act)


def _too_early(stage: Stage) -> None:
    """An objection of today is recorded as granted by silence."""
    found = story_of("settle")
    if stage.primary != "acknowledge" or found is None:
        return
    walk, (path, place) = Walk(stage.register), found
    for earlier in steps(path)[:place]:
        walk.others(earlier)
    case = stage.register.casefiles[walk.address(steps(path)[place]).split("/")[4]]
    case.told["contest"]["filed_on"] = day_of(stage.register.now()).isoformat()
    body = {**walk.body(steps(path)[place]), "ruling": "deemed_granted"}
    stage.ask(stage.act("transition", casefile=case.id, number=case.number, transition="settle", body=body))


# -- tokens ------------------------------------------------------------------------------------------------------------


def _token_refused(stage: Stage) -> None:
    act = stage.transition()
    stage.goes_wrong("token-refused", "[!c]*", times=FOR_EVER)
    stage.ask(act)


def _clock(stage: Stage) -> None:
    """The register's clock is 90 seconds ahead, and the token is gone."""
    act = stage.transition()
    stage.register.tokens.revoke_all()
    stage.register.clock_off = 90.0
    stage.ask(act)


# -- reading -----------------------------------------------------------------------------------------------------------


def _strange(stage: Stage) -> None:
    stage.register.invents_members = True
    stage.ask(stage.transition())


def _inbox(stage: Stage) -> None:
    for _ in range(3):
        stage.casefile()
    stage.register.page = 2
    stage.ask(stage.act("inbox"))


def _feed(stage: Stage) -> None:
    """Events, then the same feed again, then a few more."""
    stage.ask(stage.act("follow"))
    case = stage.casefile()
    stage.notes(case, 3)
    stage.seen.told["expected"] = [event["id"] for event in stage.events()][-3:]
    stage.seen.told["from"] = len(stage.seen.asked)
    for _ in range(2):
        stage.ask(stage.act("follow"))


def _repeated(stage: Stage) -> None:
    case = stage.casefile()
    stage.notes(case, 2)
    stage.ask(stage.act("follow"))
    stage.notes(case, 1)
    stage.goes_wrong("page-repeated", "list_events")
    stage.ask(stage.act("follow"))
    stage.ask(stage.act("follow"))


def _hole(stage: Stage) -> None:
    case = stage.casefile()
    stage.ask(stage.act("follow"))
    stage.notes(case, 3)
    stage.seen.told["missing"], *after = [event["id"] for event in stage.events()][-3:]
    stage.seen.told["after"] = after
    stage.goes_wrong("hole", "list_events")
    stage.ask(stage.act("follow"))
    stage.register.mishaps.clear()
    stage.ask(stage.act("follow"))


def _invented(stage: Stage) -> None:
    case = stage.casefile()
    stage.ask(stage.act("follow"))
    stage.register.invent(case)
    stage.notes(case, 1)
    stage.seen.told["last"] = stage.events()[-1]["id"]
    stage.ask(stage.act("follow"))


def _receipts(stage: Stage) -> None:
    stage.ask(stage.transition())
    stage.ask(stage.act("receipts"))


# -- webhooks ----------------------------------------------------------------------------------------------------------

WRONG: Final[tuple[How, ...]] = (
    "forged", "forged-v1", "forged-v1a", "unknown-key", "old", "changed-body", "no-signature",
)  # fmt: skip


def _webhook(stage: Stage) -> None:
    """A challenge, what is genuine, what is not, one message twice, two in the wrong order, and a change of keys."""
    register, courier, seen = stage.register, stage.register.courier, stage.seen
    hook = Webhook(stage.integration.hook, f"{stage.agency}-system", stage.agency, register.now())
    register.webhooks[hook.id] = hook
    stage.integration.take_secret(hook.told_secret)
    begun = len(register.record)
    case = stage.casefile()
    stage.notes(case, 6 + len(WRONG))
    first, second, third, fourth, *others = stage.events()[-(6 + len(WRONG)) :]
    courier.challenge(hook)
    seen.deliveries["challenge"] = courier.sent[-1]
    seen.told["proven"] = hook.status == "active"
    seen.deliveries["genuine"] = courier.send(hook, first)
    seen.deliveries["repeated"] = courier.send(hook, first)
    seen.deliveries["later"], seen.deliveries["earlier"] = courier.send(hook, third), courier.send(hook, second)
    for how, event in zip(WRONG, others, strict=False):
        seen.deliveries[how] = courier.send(hook, event, how=how)
    courier.rotate()
    seen.deliveries["rotated"] = courier.send(hook, fourth)
    if seen.deliveries["rotated"].reply.status // 100 != 2:
        # The register sends again what was refused; a receiver may ask for keys once a minute.
        stage.sleep(KEYS_KEPT_S)
        seen.deliveries["rotated"] = courier.send(hook, fourth)
    seen.exchanges += register.record[begun:]
    if "heard" in stage.integration.verbs:
        stage.ask(stage.act("heard"))


SCENARIOS: Final[Mapping[str, Scenario]] = {
    one.name: one
    for one in (
        Scenario("walk", "", _walk),
        Scenario("document", "document", _documents),
        Scenario("submitted-in-the-dark", "submit", _submitted_in_the_dark),
        Scenario("unavailable", "transition", _with("unavailable", retry_after=WAIT_S)),
        Scenario("limited", "transition", _with("limited", retry_after=WAIT_S)),
        Scenario("in-progress", "transition", _with("in-progress", retry_after=WAIT_S)),
        Scenario("cut", "transition", _with("cut-after")),
        Scenario("half", "transition", _with("half")),
        Scenario("late", "transition", _with("late", seconds=0.3)),
        Scenario("restarted", "transition", _restarted),
        Scenario("invalid", "transition", _invalid),
        Scenario("forbidden", "transition", _with("forbidden", times=FOR_EVER)),
        Scenario("overtaken", "transition", _overtaken),
        Scenario("dates-backwards", "transition", _backwards),
        Scenario("mandate-ended", "transition", _mandate_ended),
        Scenario("moved-on", "transition", _moved_on),
        Scenario("silence-too-early", "transition", _too_early),
        Scenario("race", "transition", _raced),
        Scenario("revoked", "transition", _with("token-revoked")),
        Scenario("token-refused", "transition", _token_refused),
        Scenario("clock", "transition", _clock),
        Scenario("strange", "transition", _strange),
        Scenario("inbox", "inbox", _inbox),
        Scenario("feed", "follow", _feed),
        Scenario("feed-repeated", "follow", _repeated),
        Scenario("feed-hole", "follow", _hole),
        Scenario("feed-invented", "follow", _invented),
        Scenario("receipts", "receipts", _receipts),
        Scenario("webhook", "webhook", _webhook),
    )
}
"""In the order in which they play."""


def playable(stage: Stage, scenario: Scenario) -> bool:
    """Whether the integration knows what the scenario asks for."""
    if scenario.needs == "webhook":
        return bool(stage.integration.hook)
    if scenario.needs == "submit" and not stage.office:
        return False
    return not scenario.needs or scenario.needs in stage.integration.verbs
