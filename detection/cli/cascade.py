"""cascade: let a quick draft of a run decide what is clearly OK."""

from __future__ import annotations

import argparse

from detection.cli import folders
from detection.cli.arguments import a_path, seed
from detection.cli.output import Bar, print_json, say

NAME = "cascade"
HELP = "Measure where a quick draft of a run may say OK alone, for `predict --fast`."
EXAMPLES = """\
A draft is the run's own model, computed in less time and less exactly. This measures, without labels, how
far it is from the model, on copies of the training photos with synthetic damage or in other light. The draft
decides alone only so far below the run's limits that at most 1 in 1,000 verdicts should differ from the
model's; the model judges all other photos. Writes cascade.json to the run folder, or refuses if that would
save too little time. Takes a minute or two; docs/cascade.md says what the promise rests on.

examples:
  python -m detection cascade runs/bottle/20260131-101500-patchcore-padim data/bottle
  python -m detection predict runs/bottle/20260131-101500-patchcore-padim incoming --fast
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_dir", type=a_path, metavar="RUN_DIR", help="run folder, as printed by train")
    parser.add_argument("category_dir", type=a_path, metavar="CATEGORY_DIR", help="the category's folder")
    folders.add_arguments(parser)
    parser.add_argument("--seed", type=seed, default=0, help="for the copies; default: 0")
    parser.add_argument(
        "--runtime",
        default="auto",
        help="torch, onnx or openvino; default: auto, the fastest installed. The draft's network computes in "
        "bfloat16 by openvino, where the processor can",
    )


def run(arguments: argparse.Namespace) -> int:
    from detection.cascade import make_cascade

    dataset = folders.scan(arguments, arguments.category_dir)
    with Bar(silent=arguments.json) as bar:
        made = make_cascade(
            arguments.run_dir,
            dataset,
            seed=arguments.seed,
            runtime=arguments.runtime,
            on_step=lambda done, total: bar.count("copies", done, total),
        )
    if arguments.json:
        print_json(made.as_dict())
    else:
        print(made)
        say(f"{made.seconds:.0f} s; use it by: python -m detection predict {made.run_dir} PHOTOS --fast")
    return 0
