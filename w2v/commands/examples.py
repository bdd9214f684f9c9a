"""What stands below the options of each command's help: examples, exit status, environment."""

_EXAMPLES = {
    "w2v": """\
  vectors of one's own text, and a question to them
    $ w2v train corpus.txt --output vectors.bin
    $ w2v neighbors vectors.bin king
""",
    "w2v train": """\
  the vectors of a text, with the defaults of gensim's Word2Vec
    $ w2v train corpus.txt --output vectors.bin
  more passes, and a report of speed and losses
    $ w2v train corpus.txt --output small.npz --epochs 10 --report report.json
  a long run that can be interrupted and resumed
    $ w2v train corpus.txt --output vectors.npz --checkpoint run --resume
""",
    "w2v phrases": """\
  new york becomes new_york where the two words stand together often enough
    $ w2v phrases corpus.txt --output joined.txt --threshold 50
""",
    "w2v neighbors": """\
  the five nearest words of each of two words
    $ w2v neighbors vectors.bin king queen --top 5
  for a program
    $ w2v neighbors vectors.bin king --json
""",
    "w2v analogy": """\
  what is to woman as king is to man
    $ w2v analogy vectors.bin man king woman
""",
    "w2v similarity": """\
  the cosine of two words; a table of three
    $ w2v similarity vectors.bin king queen
    $ w2v similarity vectors.bin king queen apple
""",
    "w2v doesnt-match": """\
  which word does not go with the others
    $ w2v doesnt-match vectors.bin king queen apple
""",
    "w2v index": """\
  an index, and a question to it
    $ w2v index vectors.bin
    $ w2v neighbors vectors.bin king --index
""",
    "w2v evaluate": """\
  word pairs and analogies, as their files come
    $ w2v evaluate vectors.bin pairs.tsv analogies.txt
""",
    "w2v project": """\
  a page with the 1,000 most frequent words in the plane
    $ w2v project vectors.bin --output words.html --words 1000
""",
    "w2v plot": """\
  the loss of a training run
    $ w2v plot loss report.json --output loss.svg
""",
    "w2v plot loss": """\
  two runs in one picture
    $ w2v plot loss first.json second.json --output losses.svg
""",
    "w2v plot similarity": """\
    $ w2v plot similarity vectors.bin king queen apple --output similarity.svg
""",
    "w2v plot neighbors": """\
    $ w2v plot neighbors vectors.bin king apple --output neighbors.svg
""",
    "w2v convert": """\
  the first thousand words as text
    $ w2v convert vectors.bin vectors.txt --limit 1000
""",
    "w2v completion": """\
  for this shell alone
    $ eval "$(w2v completion bash)"
  from now on: bash, zsh (in a folder of $fpath), fish
    $ w2v completion bash >> ~/.bash_completion
    $ w2v completion zsh > ~/.zfunc/_w2v
    $ w2v completion fish > ~/.config/fish/completions/w2v.fish
""",
    "w2v help": """\
  all options of train
    $ w2v help train
""",
}
_COMMON = """\
exit status:
  0    done
  2    bad input: what is wrong is said on standard error
  130  interrupted (Ctrl-C), and 143 by SIGTERM: what that means for the
       files is said on standard error

environment:
  NO_COLOR, FORCE_COLOR   no color, or color even where the output is no
                          terminal; else a terminal has it
  COLUMNS                 the width of this help, in place of the terminal's

see also:
  docs/command-line.md, docs/w2v.md, docs/a-day-with-w2v.md
"""


def end_of_help(program: str) -> str:
    """What stands below the options of a command, such as "w2v train"."""
    return f"examples:\n{_EXAMPLES[program]}\n{_COMMON}"
