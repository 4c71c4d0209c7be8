// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls;

import dev.jvisor.kernel.dispatch.SyscallTable;
import dev.jvisor.syscalls.annotation.Support;
import dev.jvisor.syscalls.discovery.SyscallDescriptor;
import dev.jvisor.syscalls.discovery.SyscallTables;
import dev.jvisor.syscalls.discovery.UnistdNames;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * Which system calls are served, for {@code runsc help syscalls} and the compatibility page: every
 * number that Linux has on x86-64 (and every one that an extra jar adds), with what the handler
 * says of itself.
 */
public final class SyscallHelp {

    private static final String ABSENT = "absent";

    /**
     * One call.
     *
     * @param support {@code full}, {@code partial}, or {@code absent}: answers ENOSYS
     * @param note what is missing, or empty
     * @param source class and method, or empty
     */
    public record Row(int number, String name, String support, String note, String source) {}

    private SyscallHelp() {}

    /** Every call by ascending number, for the shipped handlers. */
    public static List<Row> rows() {
        return rows(SyscallTables.descriptors());
    }

    /** Every call by ascending number, for given handlers. */
    public static List<Row> rows(List<SyscallDescriptor> descriptors) {
        @Nullable SyscallDescriptor[] served = new @Nullable SyscallDescriptor[SyscallTable.SIZE];
        for (SyscallDescriptor d : descriptors) {
            served[d.number()] = d;
        }
        List<Row> rows = new ArrayList<>();
        for (int number = 0; number < served.length; number++) {
            SyscallDescriptor d = served[number];
            String name = UnistdNames.of(number);
            if (d != null) {
                String support = d.support() == Support.FULL ? "full" : "partial";
                rows.add(new Row(number, d.name(), support, d.note(), d.source()));
            } else if (name != null) {
                rows.add(new Row(number, name, ABSENT, "", ""));
            }
        }
        return rows;
    }

    /**
     * Renders the rows of the shipped handlers.
     *
     * @param format {@code text}, {@code json} or {@code csv}
     * @throws IllegalArgumentException for another format
     */
    public static String render(String format) {
        return render(rows(), format);
    }

    /** Renders rows. */
    public static String render(List<Row> rows, String format) {
        return switch (format) {
            case "text" -> text(rows);
            case "json" -> json(rows);
            case "csv" -> csv(rows);
            default -> throw new IllegalArgumentException("format=" + format);
        };
    }

    private static String text(List<Row> rows) {
        StringBuilder b = new StringBuilder();
        int full = 0;
        int partial = 0;
        for (Row row : rows) {
            if (row.support.equals(ABSENT)) {
                continue;
            }
            full += row.support.equals("full") ? 1 : 0;
            partial += row.support.equals("partial") ? 1 : 0;
            String number = Integer.toString(row.number);
            b.append(" ".repeat(3 - number.length()))
                    .append(number)
                    .append("  ")
                    .append(row.name);
            if (!row.note.isEmpty()) {
                b.append(" ".repeat(Math.max(1, 24 - row.name.length())));
                b.append("partial: ").append(row.note);
            }
            b.append('\n');
        }
        b.append('\n').append(full).append(" in full, ").append(partial).append(" in part, ");
        b.append(rows.size() - full - partial).append(" not served (ENOSYS):\n");
        int column = 0;
        for (Row row : rows) {
            if (row.support.equals(ABSENT)) {
                if (column + row.name.length() + 1 > 78) {
                    b.append('\n');
                    column = 0;
                }
                b.append(' ').append(row.name);
                column += row.name.length() + 1;
            }
        }
        return b.append('\n').toString();
    }

    private static String json(List<Row> rows) {
        StringBuilder b = new StringBuilder("[");
        String separator = "\n";
        for (Row row : rows) {
            b.append(separator).append("  {\"number\": ").append(row.number);
            jsonField(b, "name", row.name);
            jsonField(b, "support", row.support);
            jsonField(b, "note", row.note);
            jsonField(b, "handler", row.source);
            b.append('}');
            separator = ",\n";
        }
        return b.append("\n]\n").toString();
    }

    private static void jsonField(StringBuilder b, String key, String value) {
        b.append(", \"").append(key).append("\": \"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                b.append('\\').append(c);
            } else if (c < ' ') {
                b.append("\\u00").append(Character.forDigit(c >> 4, 16));
                b.append(Character.forDigit(c & 15, 16));
            } else {
                b.append(c);
            }
        }
        b.append('"');
    }

    private static String csv(List<Row> rows) {
        StringBuilder b = new StringBuilder("number,name,support,note,handler\r\n");
        for (Row row : rows) {
            b.append(row.number).append(',').append(csvField(row.name));
            b.append(',').append(row.support).append(',').append(csvField(row.note));
            b.append(',').append(csvField(row.source)).append("\r\n");
        }
        return b.toString();
    }

    /** As RFC 4180 has it. */
    private static String csvField(String value) {
        boolean plain = value.indexOf(',') < 0
                && value.indexOf('"') < 0
                && value.indexOf('\n') < 0
                && value.indexOf('\r') < 0;
        return plain ? value : '"' + value.replace("\"", "\"\"") + '"';
    }
}
