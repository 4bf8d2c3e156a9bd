package chaos

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
)

// columns is how many counts stand in a line.
const columns = 3

func table(out io.Writer, title string, counts map[string]int) {
	fmt.Fprintf(out, "%s:\n", title)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for i, name := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(w, "  %s\t%d", name, counts[name])
		if i%columns == columns-1 {
			fmt.Fprintln(w)
		} else {
			fmt.Fprint(w, "\t")
		}
	}
	fmt.Fprintln(w)
	_ = w.Flush() // out does not fail
	fmt.Fprintln(out)
}
