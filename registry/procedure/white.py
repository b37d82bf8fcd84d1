"""The course of a place on the white list that is about to be lost: told, answered, heard, then lost or kept."""

from registry.procedure.clocks import NEXT_EDITION, PROMPT, WHITE_DEFENCE
from registry.procedure.step import CITY, DESK, edges

_SIGNERS = ("head", "publisher")
WHITE_LOSS = [
    *edges(
        "white_loss", "-", ("notify", "notified", "移出告知"), CITY, "reason", clock=WHITE_DEFENCE
    ),
    # Where a red line is crossed the place is lost at once, and the word and the answer come after.
    *edges(
        "white_loss",
        "-",
        ("notify_after", "told_after", "一票否决，先移出后告知"),
        CITY,
        "reason",
        clock=WHITE_DEFENCE,
    ),
    *edges(
        "white_loss",
        "notified told_after",
        ("hear", "heard", "听取陈述申辩"),
        (*DESK, *CITY),
        "reason",
        clock=NEXT_EDITION,
    ),
    # The first word does not end the term: what is added within it is heard as well.
    *edges(
        "white_loss",
        "heard",
        ("hear", "heard", "听取陈述申辩"),
        (*DESK, *CITY),
        "reason",
        clock=NEXT_EDITION,
        owed=False,
    ),
    *edges(
        "white_loss",
        "notified heard",
        ("hasten", "hastened", "期限未满先行移出"),
        _SIGNERS,
        "reason",
        clock=PROMPT,
    ),
    *edges(
        "white_loss",
        "notified told_after",
        ("lapse", "unanswered", "期满没有答复"),
        CITY,
        clock=NEXT_EDITION,
    ),
    # The list follows from the facts alone: an answer that is right is a record that is mended.
    *edges(
        "white_loss",
        "notified told_after heard unanswered hastened",
        ("keep", "kept", "符合条件，不移出"),
        CITY,
        "reason",
    ),
    # Whoever was told of one reason has not been heard on another: they are told anew, with a term of its own.
    *edges(
        "white_loss",
        "notified told_after heard unanswered hastened",
        ("retell", "retold", "原因增加，另行告知"),
        CITY,
        "reason",
    ),
    *edges(
        "white_loss",
        "heard unanswered hastened",
        ("remove", "removed", "移出白名单"),
        CITY,
        "reason",
    ),
]
