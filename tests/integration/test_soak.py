# SPDX-License-Identifier: Apache-2.0
"""A short soak; `make soak` runs the same for a quarter of an hour."""

from lib.soak import Soak


def test_no_wrong_answer_while_everything_changes(tmp_path):
    soak = Soak(tmp_path, 25)
    soak.run()
    told = soak.report()
    assert not soak.wrong, soak.wrong[:5]
    assert told["alive"] and told["answers"]["allow"] > 100 and told["answers"]["deny"] > 100
    assert told["changes"] >= 5 and told["faults"] >= 2
