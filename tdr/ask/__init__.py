"""Questions about the evidence, and their frozen answers.

* `evidence`: what can be asked, a method for each question; `evidence_data`: what it holds.
* `conditions`: which claims meet some filters; `filter_values`: what a value of a filter means;
  `references`: what a number, identifier, author or title means; `matching`: which texts have
  some words.
* `search`: the claims that answer words or a question in words.
* `views`: every other answer, a module for each; `hints`: what there is beside one.
* `browse`: the questions of somebody who looks through claims.
* `diff`: what changed since an earlier state of the evidence; `earlier`: how that is had.
* `bibliography`: references as they are cited, each work once; `publications`: what one cites who
  uses tdr.
"""
