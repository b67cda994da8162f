"""What writes the vectors of ``formats/vectors`` that have to be refused, or nearly."""
