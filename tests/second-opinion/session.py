"""A session of an AWS client that we have not written, boto3, with the sandbox: does it behave as AWS does?

Usage: python session.py [ENVIRONMENT]

ENVIRONMENT is a file with the `export` lines of a sandbox that was started afresh with --bootstrap. Without it the
script starts one itself, runs the real function in it, and ends it.
"""
import argparse
import contextlib
from pathlib import Path

import session_config
import session_ec2
import session_evaluation
import session_sagemaker
import session_signing
import session_stacks
import session_sts
from servers import PROGRAMS, Aws, exports, sandbox
from tally import Tally


def main() -> None:
    """Goes through the services, and ends with the evaluation of everything that is left."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("environment", nargs="?", type=Path, metavar="ENVIRONMENT")
    asked = arguments.parse_args()
    tally = Tally()
    with contextlib.ExitStack() as stack, tally.part("the sandbox"):
        if asked.environment:
            aws = Aws(exports(asked.environment.read_text()))
        else:
            program = PROGRAMS / "bootstrap-under-test"
            aws = stack.enter_context(sandbox("--bootstrap", str(program), "--role", "444455556666=audit/reader"))
        for part in (
                session_signing, session_sts, session_sagemaker, session_ec2, session_config, session_evaluation,
                session_stacks):
            part.run(tally, aws)
    tally.finish()


if __name__ == "__main__":
    main()
