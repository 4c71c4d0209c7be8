// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.oci;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;

import java.io.IOException;
import java.io.Reader;
import java.math.BigDecimal;

/**
 * Reads a JSON document with gson's tokens and tree, but without its adapters: these are some 150
 * classes that a container start would load for nothing.
 */
final class JsonTree {

    private static final int DEPTH_MAX = 100;

    private JsonTree() {}

    /**
     * Reads a document.
     *
     * @throws IOException with a message for the user if it is not JSON (RFC 8259)
     */
    static JsonElement read(Reader text) throws IOException {
        JsonReader reader = new JsonReader(text);
        reader.setStrictness(Strictness.STRICT);
        JsonElement element = value(reader, 0);
        if (reader.peek() != JsonToken.END_DOCUMENT) {
            throw new IOException("something follows the document");
        }
        return element;
    }

    private static JsonElement value(JsonReader reader, int depth) throws IOException {
        if (depth > DEPTH_MAX) {
            throw new IOException("nested too deeply");
        }
        return switch (reader.peek()) {
            case BEGIN_OBJECT -> object(reader, depth);
            case BEGIN_ARRAY -> array(reader, depth);
            case STRING -> new JsonPrimitive(reader.nextString());
            case NUMBER -> new JsonPrimitive(new BigDecimal(reader.nextString()));
            case BOOLEAN -> new JsonPrimitive(reader.nextBoolean());
            case NULL -> {
                reader.nextNull();
                yield JsonNull.INSTANCE;
            }
            default -> throw new IOException("unexpected " + reader.peek() + reader.getPath());
        };
    }

    private static JsonObject object(JsonReader reader, int depth) throws IOException {
        JsonObject object = new JsonObject();
        reader.beginObject();
        while (reader.hasNext()) {
            object.add(reader.nextName(), value(reader, depth + 1));
        }
        reader.endObject();
        return object;
    }

    private static JsonArray array(JsonReader reader, int depth) throws IOException {
        JsonArray array = new JsonArray();
        reader.beginArray();
        while (reader.hasNext()) {
            array.add(value(reader, depth + 1));
        }
        reader.endArray();
        return array;
    }
}
