"""The sequencer: puts entries of the register into their log's tree, once each, and signs what it has put."""
