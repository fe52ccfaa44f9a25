package dev.infuser.task;

/** What a task answers, which can be said in plain data for those who know no records. */
public interface Answer {

    /** Writes one value. */
    void writeTo(PlainWriter out);
}
