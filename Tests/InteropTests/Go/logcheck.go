// Logcheck checks what a log says with golang.org/x/mod's sumdb/note and sumdb/tlog.
//
// It reads one question a line and answers each with a line: "accepted", or "rejected: " and why. Words of a question are
// separated by spaces; bytes are in base64, "-" for none; hashes of a proof follow each other.
//
//	note    VKEY NOTE                          is this a signed checkpoint
//	record  VKEY NOTE INDEX RECORD PROOF       is this record in the tree of the checkpoint
//	tree    VKEY OLD-NOTE NOTE PROOF           does the tree of one checkpoint continue that of another
//	tiles   VKEY NOTE DIRECTORY                do tiles and entry bundles hold every record of the checkpoint
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func decode(word string) ([]byte, error) {
	if word == "-" {
		return nil, nil
	}
	return base64.StdEncoding.DecodeString(word)
}

// checkpoint opens a signed note and reads its three lines.
func checkpoint(vkey, word string) (tree tlog.Tree, err error) {
	message, err := decode(word)
	if err != nil {
		return tree, err
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tree, err
	}
	opened, err := note.Open(message, note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] != verifier.Name() {
		return tree, errors.New("not three lines of this log")
	}
	tree.N, err = strconv.ParseInt(lines[1], 10, 64)
	if err != nil || strconv.FormatInt(tree.N, 10) != lines[1] {
		return tree, errors.New("no size")
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

func proof(word string) (hashes []tlog.Hash, err error) {
	bytes, err := decode(word)
	if err != nil {
		return nil, err
	}
	if len(bytes)%tlog.HashSize != 0 {
		return nil, errors.New("not hashes")
	}
	for ; len(bytes) > 0; bytes = bytes[tlog.HashSize:] {
		var hash tlog.Hash
		copy(hash[:], bytes)
		hashes = append(hashes, hash)
	}
	return hashes, nil
}

// tiles reads the files of a log; the names are those of tlog-tiles, which leave out the height.
type tiles struct{ directory string }

func (t tiles) Height() int                         { return 8 }
func (t tiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		name := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		bytes, err := os.ReadFile(filepath.Join(t.directory, name))
		if err != nil {
			return nil, err
		}
		found = append(found, bytes)
	}
	return found, nil
}

// bundle reads the entries from a multiple of 256 on.
func bundle(directory string, first, size int64) ([][]byte, error) {
	tile := tlog.Tile{H: 8, L: 0, N: first / 256, W: 256}
	if size-first < 256 {
		tile.W = int(size - first)
	}
	name := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
	bytes, err := os.ReadFile(filepath.Join(directory, name))
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(bytes) >= 2 {
		length := int(binary.BigEndian.Uint16(bytes))
		if len(bytes) < 2+length {
			return nil, errors.New("a bundle that ends within an entry")
		}
		entries = append(entries, bytes[2:2+length])
		bytes = bytes[2+length:]
	}
	if len(bytes) != 0 || len(entries) != tile.W {
		return nil, fmt.Errorf("a bundle of %d entries, not %d", len(entries), tile.W)
	}
	return entries, nil
}

func checkTiles(tree tlog.Tree, directory string) error {
	reader := tlog.TileHashReader(tree, tiles{directory})
	for first := int64(0); first < tree.N; first += 256 {
		entries, err := bundle(directory, first, tree.N)
		if err != nil {
			return err
		}
		var indexes []int64
		for offset := range entries {
			indexes = append(indexes, tlog.StoredHashIndex(0, first+int64(offset)))
		}
		// These are held to the checkpoint's root on the way.
		hashes, err := reader.ReadHashes(indexes)
		if err != nil {
			return err
		}
		for offset, entry := range entries {
			if tlog.RecordHash(entry) != hashes[offset] {
				return fmt.Errorf("entry %d has another hash", first+int64(offset))
			}
		}
	}
	return nil
}

func answer(words []string) error {
	if len(words) < 3 {
		return errors.New("no question")
	}
	tree, err := checkpoint(words[1], words[2])
	if err != nil {
		return err
	}
	switch {
	case words[0] == "note" && len(words) == 3:
		return nil
	case words[0] == "record" && len(words) == 6:
		index, err := strconv.ParseInt(words[3], 10, 64)
		if err != nil {
			return err
		}
		record, err := decode(words[4])
		if err != nil {
			return err
		}
		path, err := proof(words[5])
		if err != nil {
			return err
		}
		return tlog.CheckRecord(path, tree.N, tree.Hash, index, tlog.RecordHash(record))
	case words[0] == "tree" && len(words) == 5:
		newer, err := checkpoint(words[1], words[3])
		if err != nil {
			return err
		}
		path, err := proof(words[4])
		if err != nil {
			return err
		}
		return tlog.CheckTree(path, newer.N, newer.Hash, tree.N, tree.Hash)
	case words[0] == "tiles" && len(words) == 4:
		return checkTiles(tree, words[3])
	}
	return errors.New("no question")
}

func main() {
	questions := bufio.NewScanner(os.Stdin)
	questions.Buffer(nil, 1<<20)
	answers := bufio.NewWriter(os.Stdout)
	for questions.Scan() {
		if err := answer(strings.Fields(questions.Text())); err != nil {
			fmt.Fprintf(answers, "rejected: %v\n", err)
		} else {
			fmt.Fprintln(answers, "accepted")
		}
	}
	if err := questions.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	answers.Flush()
}
