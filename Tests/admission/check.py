"""Judges every case by the policies of a folder, and then by each policy without one of its rules, of its
conditions, of the resources that it is asked about, and of the names that it exempts.

Usage: check.py FOLDER
Prints a line of TAP per case and per rule; exits with 1 if a case is not judged as it should be, or if a
rule is missed by no attack.
"""

import sys

import corpus
import policies


def main(folder):
    enforced = policies.load(folder)
    if not enforced:
        raise SystemExit(f"{folder}: no policy is in force")
    world = corpus.World()
    count, failed = 0, 0
    # (policy, rule) -> attacks that nothing else refuses
    needed = {}
    passing = []
    is_kyverno = enforced[0].is_kyverno

    def report(is_ok, line, *details):
        nonlocal count, failed
        count += 1
        failed += not is_ok
        print(f"{'ok' if is_ok else 'not ok'} {count} - {' '.join(line.split())}")
        for each in details if not is_ok else ():
            print(f"  # {' '.join(each.split())}")

    for case in corpus.cases():
        refusals = [each for review in world.reviews(case) for policy in enforced for each in policy.judge(review)]
        details = [f"{each.policy}: {each.message}" for each in refusals]
        if any(each.is_error for each in refusals):
            report(False, case.name, "an expression has no value", *details)
        elif not case.refused:
            passing.append(case)
            report(not refusals, case.name, "should pass", *details)
        elif is_kyverno and not case.kyverno:
            report(not refusals, f"{case.name}: passes, as docs/policies.md says", *details)
        else:
            # An API server tells the first refusal of a policy.
            first = {}
            for each in refusals:
                first.setdefault(each.policy, each.message)
            is_told = all(any(words in message for words in case.refused) for message in first.values())
            # What Kyverno is not told, another policy may refuse.
            is_true = is_kyverno or all(any(words in message for message in first.values()) for words in case.refused)
            expected = f"should be refused: {' or: '.join(case.refused)}"
            report(bool(first) and is_told and is_true, case.name, expected, *details)
            found = {(each.policy, each.rule) for each in refusals}
            if len(found) == 1:
                needed.setdefault(found.pop(), []).append(case)

    # The rule taken away, one of its attacks must pass: else nobody would notice that it is gone.
    for policy in enforced:
        for rule, (_, message) in enumerate(policy.rules):
            mutated = [each.without(rule) if each is policy else each for each in enforced]
            missed = [
                case.name
                for case in needed.get((policy.name, rule), [])
                if not any(each.judge(review) for review in world.reviews(case) for each in mutated)
            ]
            report(bool(missed), f"{policy.name} would be missed: {message}", "no attack passes without it")
    # And a condition: without it, somebody must be refused who is not. Of several that say the same of different
    # kinds, by one of them.
    families = {}
    for policy in enforced:
        families.setdefault(policy.twin_of or policy.name, []).append(policy)
    for name, family in families.items():
        for index, condition in enumerate(family[0].conditions):
            mutated = [each.without_condition(index) for each in family]
            is_needed = any(
                each.judge(review) for case in passing for review in world.reviews(case) for each in mutated
            )
            report(is_needed, f"{name} needs the condition: {condition}", "nobody is refused without it")
    # Each group, operation and resource: without it, an attack passes.
    attacks = [case for case in corpus.cases() if case.refused and not (is_kyverno and not case.kyverno)]
    for policy in enforced:
        others = [each for each in enforced if each is not policy]
        for left_out, narrowed in policy.narrowed():
            is_missed = any(
                not any(each.judge(review) for each in [*others, narrowed])
                for case in attacks
                for review in world.reviews(case)
                if policy.judge(review)
            )
            report(is_missed, f"{policy.name} is asked about {left_out}", "no attack passes without it")
    # Each name that is exempt: without it, this policy refuses somebody, whether or not another one does.
    for family_name, family in families.items():
        for each in zip(*(policy.without_names() for policy in family)):
            is_needed = any(
                mutated.judge(review) and not policy.judge(review)
                for case in corpus.cases()
                for review in world.reviews(case)
                for policy, (_, mutated) in zip(family, each)
            )
            report(is_needed, f"{family_name} exempts {each[0][0]}", "nobody is refused without it")
    print(f"1..{count}")
    if failed:
        print(f"check: {failed} of {count} failed", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    sys.exit(main(sys.argv[1]))
