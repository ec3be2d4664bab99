"""One case told along every path of the flow: the example bodies of the contract, in the order in which they run.

`bodies` has what is sent, `people_and_ids` whom it names, `paths` in which order and by whom it is sent. The
contract's examples, the files in `openapi/examples` and the cases that a sandbox is given are all taken from here.
Offices, codes and rules are real; the persons, their NIPs, the papers and the days are invented.
"""
