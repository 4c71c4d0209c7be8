// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.conformance.report;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** The reviewed list {@code known-differences.txt}. */
public final class KnownDifferences {

    private static final String FILE = "known-differences.txt";
    private static final Pattern SEPARATOR = Pattern.compile(" \\| ");

    private record Entry(String call, Pattern expected, Pattern actual, String reason) {}

    private final List<Entry> entries = new ArrayList<>();

    private KnownDifferences() {}

    /** The list of a runtime about which nothing is known. */
    static KnownDifferences none() {
        return new KnownDifferences();
    }

    /** Reads the list that belongs to these classes. */
    public static KnownDifferences load() throws IOException {
        try (InputStream in = KnownDifferences.class.getResourceAsStream(FILE)) {
            if (in == null) {
                throw new IOException("missing: " + FILE);
            }
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    static KnownDifferences parse(String text) {
        KnownDifferences known = new KnownDifferences();
        for (String line : text.split("\n")) {
            if (!line.isBlank() && !line.startsWith("#")) {
                String[] parts = SEPARATOR.split(line);
                if (parts.length != 4) {
                    throw new IllegalArgumentException(FILE + ": " + line);
                }
                known.entries.add(new Entry(
                        parts[0], Pattern.compile(parts[1]), Pattern.compile(parts[2]), parts[3]));
            }
        }
        return known;
    }

    /** Returns the reason if the step at which a program parts is on the list, null if not. */
    public @Nullable String reason(Difference difference) {
        int step = difference.expected().firstDifference(difference.actual());
        if (step < 0
                || step >= difference.expected().results().size()
                || step >= difference.actual().results().size()) {
            return null;
        }
        String expected = difference.expected().results().get(step);
        String actual = difference.actual().results().get(step);
        for (Entry entry : entries) {
            if (entry.call.equals(difference.call())
                    && entry.expected.matcher(expected).matches()
                    && entry.actual.matcher(actual).matches()) {
                return entry.reason;
            }
        }
        return null;
    }
}
