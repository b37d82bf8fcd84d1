"""The command line: every word of `xinyong`, in Chinese for people and JSON for programs."""

import json
import sys
from contextvars import ContextVar
from pathlib import Path

import click
import msgspec

from config.cities.choice import settings_at_hand
from config.cities.hints import for_city
from config.settings import Settings, load_settings

# Which of several cities was named; it is still to be known when a mistake has ended the command.
_CITY = ContextVar("_CITY", default="")


def say(text: str, *, err: bool = False) -> None:
    """Tells people a line or more; a command it names is one for the city at hand."""
    click.echo(for_city(text, _CITY.get()), err=err)


def settings_of(city: Path | None = None) -> Settings:
    """The settings of the city at hand, or of the folder named."""
    return load_settings(city) if city else settings_at_hand()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--city", default="", help="XINYONG_CITIES 里的哪一个市 (one city of several)")
def xinyong(city: str) -> None:
    """信用：民办学校、校外培训机构信用登记与名单公布 (the register and its lists)."""
    _CITY.set(city)


def commands() -> list[str]:
    """The names of all commands, for the check that README explains each."""
    import config.commands  # noqa: F401 registers them

    return sorted(xinyong.commands)


def main() -> None:
    """Runs a command; a known mistake ends with a sentence and status 2, never with a traceback."""
    import config.commands  # noqa: F401 registers them
    from config.mistakes import sentence_of
    from config.usage import hint, usage_words

    try:
        xinyong.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(1)
    except click.exceptions.NoArgsIsHelpError as asked:
        asked.show(sys.stderr)
        sys.exit(2)
    except click.UsageError as mistake:
        say(f"错误：{usage_words(mistake)}\n{hint(mistake)}".rstrip(), err=True)
        sys.exit(2)
    except click.ClickException as mistake:
        mistake.show(sys.stderr)
        sys.exit(2)
    except Exception as mistake:
        sentence = sentence_of(mistake)
        if sentence is None:
            raise
        say(f"错误：{sentence}", err=True)
        sys.exit(2)


def as_json(value: object) -> str:
    """A value as indented JSON with Chinese characters left readable."""
    return json.dumps(msgspec.to_builtins(value, enc_hook=str), ensure_ascii=False, indent=2)
