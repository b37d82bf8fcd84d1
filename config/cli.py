"""The command line: every word of `xinyong`, in Chinese for people and JSON for programs."""

import json
import sys
from pathlib import Path

import click
import msgspec

from config.cities.choice import settings_at_hand
from config.settings import Settings, load_settings


def settings_of(city: Path | None = None) -> Settings:
    """The settings of the city at hand, or of the folder named."""
    return load_settings(city) if city else settings_at_hand()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--city", default="", help="XINYONG_CITIES 里的哪一个市 (one city of several)")
def xinyong(city: str) -> None:
    """信用：民办学校、校外培训机构信用登记与名单公布 (the register and its lists)."""


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
        click.echo(f"错误：{usage_words(mistake)}\n{hint(mistake)}".rstrip(), err=True)
        sys.exit(2)
    except click.ClickException as mistake:
        mistake.show(sys.stderr)
        sys.exit(2)
    except Exception as mistake:
        sentence = sentence_of(mistake)
        if sentence is None:
            raise
        click.echo(f"错误：{sentence}", err=True)
        sys.exit(2)


def as_json(value: object) -> str:
    """A value as indented JSON with Chinese characters left readable."""
    return json.dumps(msgspec.to_builtins(value, enc_hook=str), ensure_ascii=False, indent=2)
